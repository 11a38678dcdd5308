// Quotes a word for a shell if necessary.

/** Control characters would act on the terminal; direction marks would hide what the command does. */
const unseen = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** @returns the word, quoted for bash and zsh if it contains invisible characters, else for any shell */
export function quotedWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (word.search(unseen) < 0) return `'${word.replaceAll("'", `'\\''`)}'`;
  return `$'${word.replaceAll(/[\\']/g, String.raw`\$&`).replaceAll(unseen, escaped)}'`;
}

/** @returns the first character, as in JSON and in a shell */
export const escaped = (text: string): string => `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}`;
