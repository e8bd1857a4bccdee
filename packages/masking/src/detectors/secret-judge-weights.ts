// Written by scripts/train-secret-judge.mjs. Do not edit.

/** Weights of `features`, in their order, and the log-odds from which a value is masked at each point. */
export const secretJudge: {
  readonly bias: number;
  readonly client: number;
  readonly record: number;
  readonly weights: readonly number[];
} = {
  bias: -3.25,
  client: 0.5,
  record: -1.5,
  weights: [
    -0.36, // name loose
    -2.09, // name slight
    1.5, // rule password
    0.88, // rule secret
    -0.21, // rule token
    0.57, // rule api-key
    -0.37, // rule private-key
    0.81, // rule authorization
    -0.28, // rule credential
    0.0, // rule url-password
    0.28, // name ends in key
    1.66, // name ends in auth
    -2.93, // name of a proof
    -3.09, // name of another key
    -0.28, // name is plural
    -3.57, // name of a hash
    -0.81, // name in capitals
    -0.57, // name describes
    -0.24, // name of a test
    -1.07, // name quoted
    -0.37, // operator equals
    0.11, // operator compare
    -2.13, // operator tag
    -0.31, // operator flag
    -2.28, // operator call
    -1.2, // operator comma
    -0.01, // operator default
    -0.09, // operator sibling
    -1.45, // operator prose
    0.0, // operator url
    -0.95, // operator command
    0.53, // tight
    1.83, // quoted
    -1.07, // wrapped
    0.73, // bare equals with blanks
    1.88, // bare colon
    2.58, // environment line
    -0.11, // followed by call
    -0.06, // followed by more
    -0.04, // followed by concatenation
    -2.32, // length to 3
    -0.26, // length 4 to 5
    0.76, // length 6 to 7
    1.41, // length 8 to 11
    -0.19, // length 16 to 23
    -0.52, // length 24 to 39
    -1.48, // length 40 to 79
    -0.67, // length from 80
    -0.97, // digits share
    2.71, // has digits
    1.56, // many digits
    1.94, // many digits only
    -0.53, // only digits
    -0.4, // digits at the end only
    -0.83, // upper and lower
    -0.11, // upper, lower, digit
    -0.08, // only upper
    1.97, // only lower
    -1.46, // specials share
    2.05, // password specials
    -1.35, // distinct share
    -3.61, // few distinct
    0.4, // hex of 16 or more
    0.66, // base64 of 16 or more
    0.66, // uuid
    0.48, // word bits
    -0.27, // word bits per letter
    1.66, // unlike words
    2.01, // much unlike words
    -1.96, // like words
    -1.25, // worst word
    -0.82, // best word
    0.01, // hardly a letter
    -1.18, // stock word
    -2.26, // placeholder
    -1.91, // says its name
    -1.38, // sequence
    -2.13, // repeats
    -0.38, // dotted name
    0.51, // brackets
    1.87, // arrow or scope
    0.05, // snake case
    0.39, // kebab case
    -0.27, // capitals with underscores
    0.96, // camel case
    -0.06, // pascal case
    -0.77, // path
    -0.66, // file
    1.5, // address
    -1.74, // dollar
    -0.51, // dash first
    0.36, // one blank
    0.01, // blanks
    -0.52, // not ascii
    -0.28, // not ascii, no digits
    -1.04, // message
    -0.15, // escape
    -4.02, // hash scheme
    1.04, // strong and unlike words
    0.04, // slight and unlike words
    0.14, // slight and long random
    -0.94, // password with digits
    -2.23, // password with specials
    -1.41, // bare and like words
    -0.27, // bare and unlike words
    -0.55, // quoted and like words
    -0.5, // slight flag
    1.9, // hex and not slight
    0.53, // short and hardly random
  ],
};
