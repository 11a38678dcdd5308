// Defines the data of a bar chart that assets/bars.js reads from `<canvas id>-data`.

interface Bar {
  /** Absent if unknown. */
  value?: number;
  /** Bounds of the interval around the value. */
  low?: number;
  high?: number;
  /** Drawn as an outline, because the value is less certain than others. */
  isHollow?: boolean;
}

export interface BarsData {
  language: string;
  axis: string;
  rows: readonly string[];
  series: readonly {
    label: string;
    /** A custom CSS property of page.css. */
    colour: string;
    /** One per row. */
    bars: readonly Bar[];
  }[];
  /** Text below the name of each row. */
  notes?: readonly string[];
  /** For rows that differ by orders of magnitude; values must be above 0. */
  isLogarithmic?: boolean;
  /** End of the axis; by default the end of the longest bar. */
  highest?: number;
}
