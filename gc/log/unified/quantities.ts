// Defines regular expressions for sizes and durations: `51M`, `61670K`, `4982,3M`; `1.344ms`, `0,006s`.

/** No longer than any number that a JVM prints. */
export const figure = String.raw`\d{1,15}(?:[.,]\d{1,9})?`;

export const size = String.raw`(${figure})([BKMGT])`;
