// Written by scripts/train-secret-judge.mjs. Do not edit.

/** Weights of `features`, in their order, and the log-odds from which a value is masked at each point. */
export const secretJudge: {
  readonly bias: number;
  readonly client: number;
  readonly record: number;
  readonly weights: readonly number[];
} = {
  bias: -3.76,
  client: 0,
  record: -2,
  weights: [
    -0.79, // name loose
    -1.85, // name slight
    2.78, // rule password
    1.32, // rule secret
    0.21, // rule token
    0.68, // rule api-key
    -0.82, // rule private-key
    3.15, // rule authorization
    0.35, // rule credential
    0.00, // rule url-password
    -0.03, // name ends in key
    1.84, // name ends in auth
    -2.61, // name of a proof
    -2.83, // name of another key
    0.51, // name is plural
    -3.18, // name of a hash
    -0.82, // name in capitals
    -0.93, // name describes
    -0.13, // name of a test
    -0.77, // name quoted
    -0.36, // operator equals
    0.42, // operator compare
    -1.90, // operator tag
    -0.77, // operator flag
    -1.48, // operator call
    -2.67, // operator comma
    -0.00, // operator default
    -0.05, // operator sibling
    -1.82, // operator prose
    0.00, // operator url
    -1.15, // operator command
    0.11, // tight
    1.11, // quoted
    -0.09, // wrapped
    -0.31, // bare equals with blanks
    1.39, // bare colon
    1.72, // environment line
    -0.73, // followed by call
    0.52, // followed by more
    0.09, // followed by concatenation
    -2.56, // length to 3
    -0.21, // length 4 to 5
    -0.23, // length 6 to 7
    1.32, // length 8 to 11
    -0.61, // length 16 to 23
    -0.67, // length 24 to 39
    -0.97, // length 40 to 79
    -0.09, // length from 80
    0.15, // digits share
    3.26, // has digits
    0.50, // many digits
    0.26, // only digits
    -0.45, // digits at the end only
    -0.61, // upper and lower
    -0.25, // upper, lower, digit
    0.42, // only upper
    1.92, // only lower
    -2.57, // specials share
    2.21, // password specials
    -0.99, // distinct share
    -3.29, // few distinct
    0.13, // hex of 16 or more
    0.43, // base64 of 16 or more
    0.60, // uuid
    0.26, // word bits
    -0.48, // word bits per letter
    0.73, // unlike words
    1.86, // much unlike words
    -1.72, // like words
    -0.97, // worst word
    -0.71, // best word
    0.24, // hardly a letter
    -1.23, // stock word
    -2.74, // placeholder
    -1.75, // says its name
    -1.42, // sequence
    -3.96, // repeats
    -0.26, // dotted name
    -0.01, // brackets
    1.63, // arrow or scope
    0.42, // snake case
    0.32, // kebab case
    -0.18, // capitals with underscores
    1.26, // camel case
    0.02, // pascal case
    -1.32, // path
    -0.46, // file
    1.60, // address
    -1.64, // dollar
    -1.43, // dash first
    -0.82, // one blank
    -0.01, // blanks
    -0.36, // not ascii
    -0.23, // not ascii, no digits
    -1.39, // message
    -3.24, // escape
    -3.84, // hash scheme
    1.49, // strong and unlike words
    0.47, // slight and unlike words
    0.64, // slight and long random
    -1.55, // password with digits
    -2.75, // password with specials
    -1.31, // bare and like words
    -1.38, // bare and unlike words
    -0.41, // quoted and like words
    -0.32, // slight flag
    1.10, // hex and not slight
    -0.23, // short and hardly random
  ],
};
