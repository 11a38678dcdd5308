// Writes a number into JSON with exactly these digits (ECMAScript's JSON.rawJSON; TypeScript has no types for it yet).

declare global {
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

export const { rawJSON } = JSON;
