import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { ControllerError } from '../controller-error.ts';
import { isErrno } from '../state/state-files.ts';

export const maxSegmentBytes = 8 * 1024 * 1024;
export const maxSegmentRawBytes = 64 * 1024 * 1024;

const inflate = promisify(gunzip);

/** The lines of a segment; bounded, whatever the compressed bytes say. */
export async function unpackSegment(bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await inflate(bytes, { maxOutputLength: maxSegmentRawBytes });
  } catch (error) {
    if (isErrno(error, 'ERR_BUFFER_TOO_LARGE')) {
      throw new ControllerError('too_large', `segment unpacks to more than ${maxSegmentRawBytes} bytes`);
    }
    throw new ControllerError('chain_broken', 'the segment is not gzip', { cause: error });
  }
}
