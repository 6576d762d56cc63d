import { decodeBase64 } from '../../encoding/base64.ts';
import { EncodingError } from '../../encoding/error.ts';

/** A field of one of these formats that is base64; what is wrong with it, the format refuses in its own words. */
export function base64Field(encoded: string, refuse: (what: string) => never): Uint8Array<ArrayBuffer> {
  try {
    return decodeBase64(encoded);
  } catch (error) {
    if (error instanceof EncodingError) refuse(error.message);
    throw error;
  }
}
