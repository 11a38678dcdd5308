// Unpacks the records of a compressed batch, up to a size limit.

import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { compressionsAlgorithms } from '../library.ts';
import { attributesAt, compressionBits, headerBytes } from './record-batch-format.ts';

/** Brokers limit the packed size (max.message.bytes, default 1 MiB); more unpacked bytes are a decompression bomb. */
const mostBytes = 64 * 2 ** 20;

/**
 * Unpacks a batch for the library, which would unpack it without a limit.
 *
 * @throws Error as `unpackedRecords`
 */
export function unpackedBatch(batch: Buffer): Buffer {
  const attributes = batch.readInt16BE(attributesAt);
  const compression = attributes & compressionBits;
  if (compression === 0) return batch;
  const header = Buffer.from(batch.subarray(0, headerBytes));
  header.writeInt16BE(attributes & ~compressionBits, attributesAt);
  return Buffer.concat([header, unpackedRecords(batch.subarray(headerBytes), compression)]);
}

/** @throws Error for more than 64 MiB, damaged bytes or an unknown compression */
export function unpackedRecords(packed: Buffer, compression: number): Buffer {
  const { gzip, snappy, lz4, zstd } = compressionsAlgorithms;
  const options = { maxOutputLength: mostBytes };
  switch (compression) {
    case gzip.bitmask:
      return bounded(() => gunzipSync(packed, options));
    case zstd.bitmask:
      return bounded(() => zstdDecompressSync(packed, options));
    case snappy.bitmask:
      if (snappyBytes(packed) > mostBytes) throw tooLarge();
      return snappy.decompressSync(packed);
    case lz4.bitmask:
      if (lz4Bytes(packed) > mostBytes) throw tooLarge();
      return lz4.decompressSync(packed);
    default:
      throw new Error('unknown compression');
  }
}

const tooLarge = (cause?: unknown) => new Error(`it unpacks to more than ${mostBytes / 2 ** 20} MiB`, { cause });

function bounded(unpack: () => Buffer): Buffer {
  try {
    return unpack();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(cause);
    throw cause;
  }
}

/*
 * Snappy   unpacked length uvarint, content       (google/snappy, format_description.txt)
 * Xerial   magic 8 bytes, version int32, compatible int32, then chunks: length int32, snappy; Java clients write it
 * LZ4      magic uint32 LE, flags int8, block size int8, content size int64 (flag 3), dictionary int32 (flag 0),
 *          checksum int8, then blocks: length uint32 LE (0: the end; highest bit: not packed), content,
 *          checksum int32 (flag 4)              (lz4/lz4, lz4_Frame_format.md)
 */
const xerialMagic = Buffer.from('\u0082SNAPPY\0', 'latin1');
const xerialHeaderBytes = 16;
const lz4Magic = 0x184d2204;

function snappyBytes(packed: Buffer): number {
  if (!packed.subarray(0, xerialMagic.length).equals(xerialMagic)) return uvarintAt(packed, 0);
  let bytes = 0;
  for (let at = xerialHeaderBytes; at + 4 <= packed.length; at += 4 + packed.readUInt32BE(at)) {
    bytes += uvarintAt(packed, at + 4);
  }
  return bytes;
}

/** @returns a lower bound, because encoders fill each block except the last */
function lz4Bytes(frame: Buffer): number {
  if (frame.readUInt32LE(0) !== lz4Magic) throw new Error('it is not an LZ4 frame');
  const flags = frame.readUInt8(4);
  const blockBytes = 2 ** (8 + 2 * ((frame.readUInt8(5) >>> 4) & 0b111));
  const checksumBytes = (flags & 0b1_0000) === 0 ? 0 : 4;
  let blocks = 0;
  let at = 7 + ((flags & 0b1000) === 0 ? 0 : 8) + ((flags & 0b1) === 0 ? 0 : 4);
  while (at + 4 <= frame.length) {
    const length = frame.readUInt32LE(at);
    if (length === 0) break;
    blocks += 1;
    at += 4 + (length & 0x7fff_ffff) + checksumBytes;
  }
  return (blocks - 1) * blockBytes;
}

function uvarintAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = bytes[at + index] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if ((byte & 0x80) === 0) break;
  }
  return value;
}
