// Reads options that state a value of each domain: `--survives orders=zone`, `--message-size orders=2KiB`.

import { losses, type SurvivedLoss } from '../../core/documents/capacity-report.ts';
import { AppError } from '../../core/errors.ts';
import { Size } from '../../core/text/quantity.ts';

export const survivesOf = (options: { survives: readonly string[] }): Record<string, SurvivedLoss> =>
  domainValues(options.survives, 'survives', {
    read: (word) => losses.find((each) => each === word),
    hint: `write --survives DOMAIN=LOSS with ${losses.join(', ')}, such as --survives orders=zone`,
  });

export const messageBytesOf = (options: { 'message-size': readonly string[] }): Record<string, number> =>
  domainValues(options['message-size'], 'message-size', {
    read: (text) => {
      const bytes = Size.safeParse(/^\d+$/.test(text) ? `${text}B` : text).data;
      return bytes !== undefined && bytes > 0 ? bytes : undefined;
    },
    hint: 'write --message-size DOMAIN=BYTES, such as --message-size orders=2KiB',
  });

/** @throws AppError usage */
function domainValues<Value>(
  texts: readonly string[],
  option: string,
  { read, hint }: { read: (text: string) => Value | undefined; hint: string },
): Record<string, Value> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, domain, word = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      const value = read(word);
      if (domain !== undefined && value !== undefined) return [domain, value];
      throw new AppError('usage', `--${option} ${text} is invalid`, { hint });
    }),
  );
}
