// Written by scripts/train-secret-judge.mjs. Do not edit.

/** Weights of `features`, in their order, and the log-odds from which a value is masked at each point. */
export const secretJudge: {
  readonly bias: number;
  readonly client: number;
  readonly record: number;
  readonly weights: readonly number[];
} = {
  bias: -3.61,
  client: 0,
  record: -2,
  weights: [
    -0.75, // name loose
    -1.09, // name slight
    2.75, // rule password
    1.27, // rule secret
    0.18, // rule token
    0.51, // rule api-key
    -0.87, // rule private-key
    3.05, // rule authorization
    0.49, // rule credential
    0.00, // rule url-password
    -0.65, // name ends in key
    1.02, // name ends in auth
    -3.22, // name of a proof
    -2.61, // name of another key
    0.41, // name is plural
    -3.52, // name of a hash
    -0.84, // name in capitals
    -0.90, // name describes
    -0.19, // name of a test
    -0.70, // name quoted
    -0.47, // operator equals
    1.00, // operator compare
    -1.94, // operator tag
    -0.29, // operator flag
    -1.72, // operator call
    -2.90, // operator comma
    -0.00, // operator default
    -0.05, // operator sibling
    -1.46, // operator prose
    0.00, // operator url
    0.00, // operator command
    0.31, // tight
    1.24, // quoted
    -0.16, // wrapped
    -0.05, // bare equals with blanks
    1.67, // bare colon
    2.20, // environment line
    -1.41, // comment
    -0.87, // code line
    -0.04, // constant
    -0.54, // followed by call
    -0.45, // followed by words
    0.05, // followed by concatenation
    -2.09, // length to 3
    0.47, // length 4 to 5
    -0.08, // length 6 to 7
    1.37, // length 8 to 11
    -0.57, // length 16 to 23
    -0.21, // length 24 to 39
    -0.76, // length 40 to 79
    0.29, // length from 80
    1.34, // digits share
    3.00, // has digits
    0.11, // many digits
    -0.13, // only digits
    -0.31, // digits at the end only
    -0.24, // upper and lower
    -0.51, // upper, lower, digit
    0.54, // only upper
    1.96, // only lower
    -2.57, // specials share
    2.10, // password specials
    -1.35, // distinct share
    -3.54, // few distinct
    -1.04, // hex of 16 or more
    0.43, // base64 of 16 or more
    0.36, // uuid
    -0.02, // word bits
    -0.47, // word bits per letter
    0.56, // unlike words
    1.66, // much unlike words
    -1.44, // like words
    -0.89, // worst word
    -0.87, // best word
    0.21, // hardly a letter
    -1.29, // stock word
    -2.81, // placeholder
    -1.70, // says its name
    -1.55, // sequence
    -3.62, // repeats
    -0.03, // dotted name
    0.02, // brackets
    1.17, // arrow or scope
    0.32, // snake case
    -0.33, // kebab case
    -0.16, // capitals with underscores
    0.97, // camel case
    -0.20, // pascal case
    -1.23, // path
    -0.51, // file
    2.09, // address
    -1.64, // dollar
    -1.47, // dash first
    -1.00, // one blank
    -0.01, // blanks
    -0.44, // not ascii
    -0.24, // not ascii, no digits
    -1.38, // message
    -3.30, // escape
    -3.77, // hash scheme
    1.57, // strong and unlike words
    1.36, // slight and unlike words
    -0.23, // slight and long random
    -1.61, // password with digits
    -2.61, // password with specials
    -1.13, // bare and like words
    -1.55, // bare and unlike words
    -0.31, // quoted and like words
    -0.28, // slight flag
    1.88, // hex and not slight
    -0.91, // short and hardly random
  ],
};
