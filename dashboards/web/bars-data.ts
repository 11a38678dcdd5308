// Defines the data of a bar chart that assets/bars.js reads from `<canvas id>-data`.

interface Bar {
  /** Absent where it is not known. */
  value?: number;
  /** Ends of the interval around it. */
  low?: number;
  high?: number;
  /** Less sure than the others. */
  isHollow?: boolean;
}

export interface BarsData {
  language: string;
  axis: string;
  rows: readonly string[];
  series: readonly {
    label: string;
    /** A custom property of page.css. */
    colour: string;
    /** One a row. */
    bars: readonly Bar[];
  }[];
  /** Below the name of each row. */
  notes?: readonly string[];
  /** For rows that differ by orders of magnitude; values must be above 0. */
  isLogarithmic?: boolean;
  /** End of the axis; by default that of the longest bar. */
  highest?: number;
}
