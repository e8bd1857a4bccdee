// Written by scripts/train-secret-judge.mjs. Do not edit.

/** Weights of `features`, in their order, and the log-odds from which a value is masked at each point. */
export const secretJudge: {
  readonly bias: number;
  readonly client: number;
  readonly record: number;
  readonly weights: readonly number[];
} = {
  bias: -4.25,
  client: 0.5,
  record: -1.5,
  weights: [
    -0.32, // name loose
    -2.61, // name slight
    1.92, // rule password
    1.11, // rule secret
    -0.56, // rule token
    0.87, // rule api-key
    -0.49, // rule private-key
    1.07, // rule authorization
    -0.39, // rule credential
    0.0, // rule url-password
    0.55, // name ends in key
    2.36, // name ends in auth
    -3.25, // name of a proof
    -4.07, // name of another key
    -0.35, // name is plural
    -4.36, // name of a hash
    -1.05, // name in capitals
    -0.68, // name describes
    -0.17, // name of a test
    -1.23, // name quoted
    -0.6, // operator equals
    0.11, // operator compare
    -3.86, // operator tag
    -0.53, // operator flag
    -3.01, // operator call
    -1.62, // operator comma
    -0.01, // operator default
    -0.18, // operator sibling
    -2.26, // operator prose
    0.0, // operator url
    -1.55, // operator command
    0.8, // tight
    2.53, // quoted
    -1.2, // wrapped
    1.15, // bare equals with blanks
    2.48, // bare colon
    3.36, // environment line
    -0.17, // followed by call
    -0.03, // followed by more
    -0.06, // followed by concatenation
    -2.82, // length to 3
    -0.38, // length 4 to 5
    0.99, // length 6 to 7
    1.76, // length 8 to 11
    -0.57, // length 16 to 23
    -0.89, // length 24 to 39
    -1.99, // length 40 to 79
    -1.04, // length from 80
    -1.71, // digits share
    3.47, // has digits
    1.91, // many digits
    2.88, // many digits only
    -0.76, // only digits
    -0.47, // digits at the end only
    -0.74, // upper and lower
    -0.38, // upper, lower, digit
    -0.13, // only upper
    2.35, // only lower
    -1.81, // specials share
    2.65, // password specials
    -1.56, // distinct share
    -4.24, // few distinct
    0.75, // hex of 16 or more
    0.87, // base64 of 16 or more
    1.07, // uuid
    0.43, // word bits
    -0.21, // word bits per letter
    1.95, // unlike words
    2.48, // much unlike words
    -2.3, // like words
    -1.28, // worst word
    -0.86, // best word
    0.23, // hardly a letter
    -1.11, // stock word
    -3.1, // placeholder
    -2.66, // says its name
    -1.52, // sequence
    -2.88, // repeats
    -0.19, // dotted name
    0.81, // brackets
    2.58, // arrow or scope
    0.2, // snake case
    0.61, // kebab case
    -0.27, // capitals with underscores
    1.32, // camel case
    -0.06, // pascal case
    -0.97, // path
    -1.04, // file
    2.01, // address
    -2.15, // dollar
    -0.81, // dash first
    0.23, // one blank
    0.12, // blanks
    -0.7, // not ascii
    -0.36, // not ascii, no digits
    -1.35, // message
    -0.2, // escape
    -4.74, // hash scheme
    1.09, // strong and unlike words
    0.13, // slight and unlike words
    0.14, // slight and long random
    -1.39, // password with digits
    -2.75, // password with specials
    -1.87, // bare and like words
    -0.06, // bare and unlike words
    -0.43, // quoted and like words
    -0.54, // slight flag
    2.16, // hex and not slight
    0.9, // short and hardly random
  ],
};
