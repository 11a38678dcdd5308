// Packs zip archives with the modes, methods and paths that a test chooses (APPNOTE.TXT of PKWARE, 4.3).

import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  /** Path; a folder ends with `/`. */
  path: string;
  content?: string;
  /** Mode with the file type bits, as stat returns it; absent if the entry was not created on Unix. */
  mode?: number;
}

export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const [files, listed]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const { path, content = '', mode } of entries) {
    const [name, plain] = [Buffer.from(path), Buffer.from(content)];
    const [method, packed] = plain.length > 0 ? [8, deflateRawSync(plain)] : [0, plain];
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(method, 4);
    shared.writeUInt32LE(crc32(plain), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(plain.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), shared, name, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((mode ?? 0) << 16) >>> 0, 6);
    rest.writeUInt32LE(at, 10);
    const madeBy = Buffer.from([20, mode === undefined ? 0 : 3]);
    listed.push(Buffer.concat([Buffer.from('PK\x01\x02'), madeBy, shared, rest, name]));
    files.push(file);
    at += file.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(
    listed.reduce((sum, { length }) => sum + length, 0),
    8,
  );
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...files, ...listed, Buffer.from('PK\x05\x06'), end]);
}
