// Splits bytes that arrive in chunks of any size into lines.

/** A heap table or a list of flags is far shorter; a longer line is not from a log. */
export const longestLine = 64 * 1024;

/**
 * Text that is decoded at once. Objects alive during a young collection are promoted and stay long: of a log of 60 MB,
 * chunks of 1 MiB took 60 MB more than small ones (Node 24).
 */
const pieceBytes = 4 * 1024;

interface LineSink {
  /** Without its end; one character for each byte, so that torn UTF-8 stays countable. */
  line(line: string): void;
  /** A line was longer than can be kept, and has ended. */
  tooLong(bytes: number): void;
}

export class LineSplitter {
  readonly #sink: LineSink;
  #rest = '';
  #droppedBytes: number;

  /** @param droppedBytes of the line that is too long and has not ended, from an earlier splitter */
  constructor(sink: LineSink, droppedBytes = 0) {
    this.#sink = sink;
    this.#droppedBytes = droppedBytes;
  }

  get restBytes(): number {
    return this.#rest.length;
  }

  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  push(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      this.#split(textOf(bytes.subarray(from, from + pieceBytes)));
    }
  }

  #split(text: string): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#end(text.slice(from, end));
      from = end + 1;
    }
    this.#keep(text.slice(from));
  }

  #end(last: string): void {
    const length = this.#droppedBytes + this.#rest.length + last.length;
    if (length > longestLine) this.#sink.tooLong(length);
    else this.#sink.line(withoutReturn(this.#rest === '' ? last : this.#rest + last));
    this.#rest = '';
    this.#droppedBytes = 0;
  }

  #keep(start: string): void {
    this.#rest = this.#rest === '' ? start : this.#rest + start;
    if (this.#droppedBytes === 0 && this.#rest.length <= longestLine) return;
    this.#droppedBytes += this.#rest.length;
    this.#rest = '';
  }
}

/** NULs are what a crash of the machine or a truncated file leaves in place of text: the line before them ends there. */
function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('latin1');
  return buffer.includes(0) ? text.replaceAll('\0', '\n') : text;
}

const withoutReturn = (line: string) => (line.charCodeAt(line.length - 1) === 13 ? line.slice(0, -1) : line);
