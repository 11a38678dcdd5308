// Counts reads, copied bytes and allocations of code under test.

export interface Meter {
  /** Returns the same bytes, and counts reads from them and from slices of them. */
  watch(bytes: Buffer): Buffer;
  /** Returns counts since the last call. */
  take(): { steps: number; largestAllocation: number };
  [Symbol.dispose](): void;
}

const copying = ['toString', 'latin1Slice', 'utf8Slice', 'slice', 'subarray'] as const;

/** Counts buffers and lists of a given length everywhere until it is disposed. */
export function startMeter(): Meter {
  let [steps, largestAllocation] = [0, 0];
  const watched = Object.create(Buffer.prototype) as Record<string, unknown>;
  const original = Buffer.prototype as unknown as Record<string, (this: Buffer, ...args: unknown[]) => unknown>;
  for (const name of Object.getOwnPropertyNames(Buffer.prototype).filter((each) => each.startsWith('read'))) {
    watched[name] = function read(this: Buffer, ...args: unknown[]) {
      steps += 1;
      return original[name]?.apply(this, args);
    };
  }
  for (const name of copying) {
    watched[name] = function part(this: Buffer, ...args: unknown[]) {
      const result = original[name]?.apply(this, args);
      if (typeof result === 'string') steps += 1 + result.length;
      else steps += 1;
      return Buffer.isBuffer(result) ? Object.setPrototypeOf(result, watched) : result;
    };
  }

  const asked = (size: unknown) => {
    if (typeof size === 'number') largestAllocation = Math.max(largestAllocation, size);
  };
  const { alloc, allocUnsafe } = Buffer;
  const { from } = Array;
  Buffer.alloc = (size, ...rest) => (asked(size), alloc(size, ...(rest as [])));
  Buffer.allocUnsafe = (size) => (asked(size), allocUnsafe(size));
  Array.from = ((source: { length?: number }, ...rest: []) => {
    if (!Array.isArray(source)) asked(source.length);
    return from(source as never, ...rest);
  }) as typeof Array.from;

  return {
    watch: (bytes) => Object.setPrototypeOf(bytes, watched) as Buffer,
    take() {
      const taken = { steps, largestAllocation };
      [steps, largestAllocation] = [0, 0];
      return taken;
    },
    [Symbol.dispose]() {
      Object.assign(Buffer, { alloc, allocUnsafe });
      Array.from = from;
    },
  };
}

/** Counts values, keys and characters of a result; views of bytes count as one. Reads lazy results to their end. */
export function sizeOf(result: unknown): number {
  if (typeof result === 'string') return 1 + result.length;
  if (typeof result !== 'object' || result === null || ArrayBuffer.isView(result)) return 1;
  const parts = Symbol.iterator in result ? (result as Iterable<unknown>) : Object.entries(result);
  let size = 1;
  for (const part of parts) size += sizeOf(part);
  return size;
}
