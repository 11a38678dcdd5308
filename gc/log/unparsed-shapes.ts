// Counts unparsed lines by shape (numbers, quotes and addresses removed), with one example each.

interface UnparsedShape {
  shape: string;
  count: number;
  /** First line of that shape. */
  example: string;
}

/** Limit of shapes: further lines are only counted. */
const mostShapes = 200;
const longestExample = 200;

export class UnparsedShapes {
  readonly #shapes = new Map<string, UnparsedShape>();
  #lines = 0;

  add(line: string): void {
    this.#lines += 1;
    const shape = shapeOf(line.slice(0, longestExample));
    const known = this.#shapes.get(shape);
    if (known !== undefined) known.count += 1;
    else if (this.#shapes.size < mostShapes)
      this.#shapes.set(shape, { shape, count: 1, example: line.slice(0, longestExample) });
  }

  get lines(): number {
    return this.#lines;
  }

  /** Shapes, most frequent first. */
  get shapes(): UnparsedShape[] {
    return [...this.#shapes.values()].toSorted((a, b) => b.count - a.count || (a.shape < b.shape ? -1 : 1));
  }
}

export const shapeOf = (line: string): string =>
  line
    .replace(/"[^"]*"/g, '"…"')
    .replace(/0x[0-9a-f]+/gi, 'X')
    .replace(/\d+(?:[.,]\d+)*/g, 'N')
    .replace(/\s+/g, ' ')
    .trim();
