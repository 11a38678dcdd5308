// Writes the headers of a tar archive, as ops/instances/install/tar-entries.ts describes them.

const block = 512;
const longestName = 100;
const types = { file: '0', 'symbolic-link': '2', folder: '5' } as const;

export interface TarHeader {
  path: string;
  kind: keyof typeof types;
  sizeBytes: number;
  /** Permissions, with the bits of setuid (0o4000), setgid (0o2000) and sticky (0o1000). */
  mode: number;
  /** Target of a link. */
  target?: string;
}

/** Returns the header of a file; its contents and `paddingOf` them follow. A name that is too long goes before it, as GNU tar writes it. */
export function tarHeader({ path, kind, sizeBytes, mode, target = '' }: TarHeader): Buffer {
  return Buffer.concat([
    ...longName('K', target),
    ...longName('L', path),
    header({ name: path, type: types[kind], sizeBytes, mode, target }),
  ]);
}

export const paddingOf = (sizeBytes: number): Buffer => Buffer.alloc((block - (sizeBytes % block)) % block);

export const tarEnd: Buffer = Buffer.alloc(2 * block);

function longName(type: 'K' | 'L', name: string): Buffer[] {
  const bytes = Buffer.from(`${name}\0`);
  if (bytes.length <= longestName) return [];
  const before = header({ name: '././@LongLink', type, sizeBytes: bytes.length, mode: 0o644, target: '' });
  return [before, bytes, paddingOf(bytes.length)];
}

function header(of: { name: string; type: string; sizeBytes: number; mode: number; target: string }): Buffer {
  const bytes = Buffer.alloc(block);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;
  bytes.write(of.name, 0, longestName);
  bytes.write(octal(of.mode, 8), 100);
  bytes.write(octal(0, 8), 108);
  bytes.write(octal(0, 8), 116);
  bytes.write(octal(of.sizeBytes, 12), 124);
  bytes.write(octal(0, 12), 136);
  bytes.fill(' ', 148, 156);
  bytes.write(of.type, 156);
  bytes.write(of.target, 157, longestName);
  bytes.write('ustar\x0000', 257, 'latin1');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${octal(sum, 7)} `, 148);
  return bytes;
}
