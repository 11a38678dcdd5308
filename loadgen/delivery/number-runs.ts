// Encodes the numbers of sent, acknowledged or received messages as runs for the journal, and decodes them.

import { AppError } from '../../core/errors.ts';
import { createShare, type SlotShare } from './slot-share.ts';

/*
 * Set       version     1
 *           slotCount   varint    1 if the numbers are not messages, such as offsets
 *           shares      varint    count; each is slotCount bits in whole bytes, slot 0 lowest
 *           Section*              until the end
 * Section   share       varint    number of the share that the indexes refer to
 *           place       varint    0: unknown; otherwise the place plus 1
 *           base        varint    zigzag: first index, less the base of the previous section
 *           runs        varint
 *           Run*
 * Run       token       varint    indexes skipped since the previous run, times 2, plus 1 if the run is longer than one
 *           length      varint    less 2; only if the run is longer than one
 *
 * in base64. A batch is a run of about 3 bytes; a message with a key, alone in its partition, is a run of 1 or 2 bytes.
 * A message out of order begins a new section; nothing is sorted, and repeated messages are written again.
 */
const version = 1;
/** Keeps twice an index exact. At ten million messages per second it lasts ten months. */
const mostIndex = 2 ** 48;
/** Limit per line, which covers a few seconds: a damaged line must not occupy its reader for long. */
const mostNumbers = 2 ** 28;
const mostSlots = 2 ** 16;
const mostShares = 2 ** 12;

export type RunWriter = ReturnType<typeof createRunWriter>;

/** @param shares may grow by appended entries, for example when slots of another worker are taken over */
export function createRunWriter(slotCount: number, shares: readonly SlotShare[]) {
  /** Sections being written, by share and place. */
  const open: Section[][] = [];
  let sections: Section[] = [];
  let latest: Section | undefined;

  function begin(share: number, place: number | undefined, from: number): Section {
    const section = new Section(share, place, from);
    sections.push(section);
    (open[share] ??= [])[place === undefined ? 0 : place + 1] = section;
    return section;
  }

  return {
    /** Adds indexes `from` to `to` (exclusive) of a share; `share` is its index in `shares`. */
    add(share: number, place: number | undefined, from: number, to: number): void {
      if (latest === undefined || latest.share !== share || latest.place !== place) {
        latest = open[share]?.[place === undefined ? 0 : place + 1];
      }
      if (latest === undefined || from < latest.end) latest = begin(share, place, from);
      latest.add(from, to);
    },
    /** @returns everything added since the last call, in base64, and resets; undefined if nothing was added */
    take(): string | undefined {
      if (sections.length === 0) return undefined;
      const out = new ByteWriter();
      out.varint(version);
      out.varint(slotCount);
      out.varint(shares.length);
      for (const share of shares) out.append(bitsOf(share));
      let base = 0;
      for (const section of sections) {
        section.writeTo(out, base);
        base = section.base;
      }
      [sections, latest] = [[], undefined];
      open.length = 0;
      return Buffer.from(out.bytes).toString('base64');
    },
  };
}

class Section {
  readonly share: number;
  readonly place: number | undefined;
  readonly base: number;
  /** Start and end of the last run, which may still grow, and end of the run before it. */
  #from: number;
  end: number;
  #before: number;
  #runs = 0;
  readonly #bytes = new ByteWriter();

  constructor(share: number, place: number | undefined, base: number) {
    this.share = share;
    this.place = place;
    this.base = base;
    this.#from = base;
    this.end = base;
    this.#before = base;
  }

  add(from: number, to: number): void {
    if (from !== this.end) {
      this.#finishRun();
      this.#from = from;
    }
    this.end = to;
  }

  writeTo(out: ByteWriter, base: number): void {
    this.#finishRun();
    out.varint(this.share);
    out.varint(this.place === undefined ? 0 : this.place + 1);
    const step = this.base - base;
    out.varint(step < 0 ? -2 * step - 1 : 2 * step);
    out.varint(this.#runs);
    out.append(this.#bytes.bytes);
  }

  #finishRun(): void {
    const length = this.end - this.#from;
    if (length === 0) return;
    this.#bytes.varint(2 * (this.#from - this.#before) + (length > 1 ? 1 : 0));
    if (length > 1) this.#bytes.varint(length - 2);
    this.#runs += 1;
    this.#before = this.end;
  }
}

/** Called for each run, in the order added within each place. */
type VisitRun = (share: SlotShare, place: number | undefined, from: number, to: number) => void;

/**
 * @throws AppError run-unreadable if the text was not written by this codec; runs before the damage were already
 * visited
 */
export function readRuns(encoded: string, visit: VisitRun): void {
  try {
    visitRuns(new ByteReader(Buffer.from(encoded, 'base64')), visit);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new AppError('run-unreadable', `a set of message numbers is damaged: ${cause.message}`, { cause });
  }
}

function visitRuns(bytes: ByteReader, visit: VisitRun): void {
  const given = bytes.varint();
  if (given !== version) throw new RangeError(`it is of version ${given}, and this reads version ${version}`);
  const shares = readShares(bytes);
  let base = 0;
  let left = mostNumbers;
  while (bytes.left > 0) {
    const share = shares[bytes.varint()];
    if (share === undefined) throw new RangeError('a section is of no share');
    const placeCode = bytes.varint();
    const zigzag = bytes.varint();
    base += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    if (base < 0) throw new RangeError('a section begins below zero');
    const runs = bytes.varint();
    if (runs > bytes.left) throw new RangeError('a section has more runs than bytes');
    let at = base;
    for (let run = 0; run < runs; run++) {
      const token = bytes.varint();
      const isLong = token % 2 === 1;
      const from = at + (token - (isLong ? 1 : 0)) / 2;
      const length = isLong ? bytes.varint() + 2 : 1;
      at = from + length;
      left -= length;
      if (left < 0 || at > mostIndex) throw new RangeError('a run is too long');
      visit(share, placeCode === 0 ? undefined : placeCode - 1, from, at);
    }
  }
}

/** Cache of shares: every line of a run names the same few. */
const knownShares = new Map<string, SlotShare>();
const mostKnownShares = 256;

function readShares(bytes: ByteReader): SlotShare[] {
  const slotCount = bytes.varint();
  const count = bytes.varint();
  if (slotCount < 1 || slotCount > mostSlots) throw new RangeError(`${slotCount} slots`);
  if (count > mostShares) throw new RangeError(`${count} shares`);
  const size = Math.ceil(slotCount / 8);
  return Array.from({ length: count }, () => {
    const bits = bytes.take(size);
    const key = `${slotCount} ${Buffer.from(bits).toString('latin1')}`;
    const known = knownShares.get(key);
    if (known !== undefined) return known;
    const slots = Array.from({ length: slotCount }, (_, slot) => slot).filter(
      (slot) => ((bits[slot >>> 3] ?? 0) >>> (slot & 7)) & 1,
    );
    if (slots.length === 0) throw new RangeError('a share has no slots');
    const share = createShare(slots, slotCount);
    if (knownShares.size >= mostKnownShares) knownShares.clear();
    knownShares.set(key, share);
    return share;
  });
}

function bitsOf({ slots, slotCount }: SlotShare): Uint8Array {
  const bits = new Uint8Array(Math.ceil(slotCount / 8));
  for (const slot of slots) bits[slot >>> 3] = (bits[slot >>> 3] ?? 0) | (1 << (slot & 7));
  return bits;
}

/** Encodes numbers up to 2^53 as varints: seven bits per byte, least significant first. */
class ByteWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  /** Bytes written so far, valid until the next write. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** @param value integer, 0 to 2^53 − 1 */
  varint(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) + 0x80;
      rest = rest < 2 ** 31 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #grow(by: number): void {
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + by));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}

class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws RangeError if the bytes end first, or the number exceeds 2^53 − 1 */
  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('a number is cut off');
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a number is too large');
      if (byte < 0x80) return value;
      if (scale > 2 ** 45) throw new RangeError('a number is too long');
    }
  }

  /** @throws RangeError if fewer bytes are left */
  take(count: number): Uint8Array {
    if (count > this.left) throw new RangeError('bytes are cut off');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}
