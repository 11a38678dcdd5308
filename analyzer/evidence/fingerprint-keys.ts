// Defines keys of a fingerprint that its comparison needs.

export type Fingerprint = Readonly<Record<string, string>>;

/** Key that names the brokers whose settings were read. */
export const settingsRead = 'broker.settings.of';

/** `2` of `broker.settings.num.io.threads@2` */
export const brokerOf = (key: string): string | undefined => /^broker\.settings\..*@([^@]*)$/.exec(key)?.[1];
