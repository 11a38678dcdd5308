// Parses Java properties text, as brokers and name servers send their config.

/** Lines without a key are left out; a value keeps what follows the first `=`. */
export function readPropertiesText(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf('=');
    if (at > 0 && !line.startsWith('#')) settings.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return settings;
}
