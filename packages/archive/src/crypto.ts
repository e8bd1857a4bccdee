/**
 * The primitives of the format. They come by argument, so that the console verifies with the code
 * that the CLI and the controller use: this package imports no platform module.
 */
export interface Crypto {
  /** SHA-256: 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** The same in lower-case hex, where the platform has a faster way than to convert. */
  readonly sha256Hex?: (bytes: Uint8Array) => string;
  /** The same as a text of one character (0 to 255) a byte, where the platform makes that faster than bytes. */
  readonly sha256Text?: (bytes: Uint8Array) => string;
  /** Ed25519 (RFC 8032). `publicKeySpkiDer`: SPKI DER. Malformed input is `false`, never a throw. */
  ed25519Verify(publicKeySpkiDer: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** Ed25519 signature (64 raw bytes) over `message`. */
export type Sign = (message: Uint8Array) => Uint8Array;
