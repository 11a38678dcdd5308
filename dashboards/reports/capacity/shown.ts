// What of a name may reach a reader? Neither control characters nor those that turn the direction of the text around them.

export const shown = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '·');
