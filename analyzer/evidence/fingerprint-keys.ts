// Defines keys of a fingerprint that its comparison needs.

export type Fingerprint = Readonly<Record<string, string>>;

/** Key of the list of brokers whose settings were read. */
export const settingsRead = 'broker.settings.of';

/** @returns `2` for `broker.settings.num.io.threads@2` */
export const brokerOf = (key: string): string | undefined => /^broker\.settings\..*@([^@]*)$/.exec(key)?.[1];
