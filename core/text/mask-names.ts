// Replaces whole names in a text, so that texts about different brokers can be compared.

/** Finds a whole name, in any case: `broker 1` is not in `broker 12`, and `broker-a` not in `broker-a:1`. */
export const wholeName = (name: string): RegExp =>
  new RegExp(`(?<![\\w.-])${RegExp.escape(name)}(?![\\w-]|[.:]\\w)`, 'gi');

export const maskNames = (text: string, names: readonly (string | undefined)[]): string =>
  names.reduce<string>((masked, name) => (name === undefined ? masked : masked.replace(wholeName(name), '…')), text);
