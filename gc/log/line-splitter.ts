// Splits bytes that arrive in chunks of any size into lines.

/** A heap table or a list of flags is far shorter; a longer line is not from a GC log. */
export const longestLine = 64 * 1024;

/**
 * Bytes decoded at once. Objects that survive a young collection are promoted and stay long: for a log of 60 MB, chunks
 * of 1 MiB took 60 MB more memory than small ones (Node 24).
 */
const pieceBytes = 4 * 1024;

interface LineSink {
  /** Called without the line end; one character per byte, so that bytes of broken UTF-8 can be counted. */
  line(line: string): void;
  /** Called at the end of a line that was too long to keep. */
  tooLong(bytes: number): void;
}

export class LineSplitter {
  readonly #sink: LineSink;
  #rest = '';
  #droppedBytes: number;

  /** @param droppedBytes bytes of an unfinished line that is too long, from an earlier splitter */
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

/** A crash of the machine or a truncated file leaves NULs in place of text: they end the line before them. */
function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('latin1');
  return buffer.includes(0) ? text.replaceAll('\0', '\n') : text;
}

const withoutReturn = (line: string) => (line.charCodeAt(line.length - 1) === 13 ? line.slice(0, -1) : line);
