// Quotes a word for a shell, where it needs quotes.

export const quotedWord = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
