// Defines branded numbers in base units, so that bytes cannot be used as messages.

declare const unit: unique symbol;
export type Quantity<Unit extends string> = number & { readonly [unit]: Unit };

export type MessagesPerSecond = Quantity<'messages/s'>;
export type Bytes = Quantity<'bytes'>;
export type BitsPerSecond = Quantity<'bits/s'>;
export type Ratio = Quantity<'ratio'>;

export const messagesPerSecond = (value: number) => value as MessagesPerSecond;
export const bytes = (value: number) => value as Bytes;
export const bitsPerSecond = (value: number) => value as BitsPerSecond;
export const ratio = (value: number) => value as Ratio;
