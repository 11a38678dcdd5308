// Decompresses and decodes a file of bounded size, by its first bytes.

import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { AppError, type FaultCode } from '../../../../core/errors.ts';

/** A day of `sadf -j -- -A` at one second of a host with 16 cores is smaller, and so is any result of a load test. */
export const largestText = 128 * 2 ** 20;

interface Limits {
  /** Limit in bytes after decompression. */
  most: number;
  fault: FaultCode;
  /** For text that is not UTF-8: spreadsheets in Chinese write GBK, which is a part of it. */
  otherwise?: 'gb18030' | undefined;
}

export const ofLoadTests: Limits = { most: largestText, fault: 'load-test-unreadable' };

interface NamedFile extends Limits {
  name: string;
}

/** @throws AppError with the `fault` of the limits, for binary data */
export function textOf(name: string, bytes: Uint8Array, limits: Limits = ofLoadTests): string {
  const file = { name, ...limits };
  const content = startsWith(bytes, [0x1f, 0x8b]) ? decompressed(file, bytes) : bytes;
  if (content.length > file.most)
    throw refused(file, `it is larger than ${file.most} bytes`, 'cut it to the time of the test');
  if (startsWith(content, [0xff, 0xfe])) return decoded(file, content, 'utf-16le');
  if (startsWith(content, [0xfe, 0xff])) return decoded(file, content, 'utf-16be');
  const packed = packers.find(({ magic }) => startsWith(content, magic));
  if (packed) throw refused(file, `it is packed by ${packed.name}`, 'unpack it first');
  if (content.includes(0)) {
    throw refused(
      file,
      'it is binary',
      'convert a recording of sar with `sadf -j FILE -- -A`; give logs as text in UTF-8',
    );
  }
  const text = decoded(file, content, isUtf8(content) ? 'utf-8' : (limits.otherwise ?? 'utf-8'));
  if (text.trim() === '') throw refused(file, 'it is empty');
  return text;
}

const packers = [
  { name: 'zip', magic: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68] },
] as const;

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, place) => bytes[place] === byte);
}

function decompressed(file: NamedFile, bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: file.most });
  } catch (cause) {
    const isLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw refused(
      file,
      isLarge
        ? `unpacked it is larger than ${file.most} bytes`
        : `it is not a complete gzip file: ${(cause as Error).message}`,
      isLarge ? 'cut it to the time of the test' : 'copy it again',
    );
  }
}

/** Invalid UTF-8 bytes become replacement characters; digits are the same in every ASCII-compatible encoding. */
function decoded(file: NamedFile, bytes: Uint8Array, encoding: string): string {
  const text = new TextDecoder(encoding).decode(bytes);
  if (text.includes('\0')) throw refused(file, `it is not text in ${encoding}`, 'give it as text in UTF-8');
  return text;
}

function refused({ name, fault }: NamedFile, why: string, hint?: string): AppError {
  return new AppError(fault, `cannot read ${name}: ${why}`, { hint });
}
