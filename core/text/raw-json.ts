// Writes a number into JSON with exactly these digits (ECMAScript's JSON.rawJSON; TypeScript has no types for it yet).

export const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
