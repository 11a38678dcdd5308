// Declares `plimsoll ops kafka alter-scram-user`.

import { z } from 'zod';
import { scramMechanisms } from '../../brokers/kafka/changes/scram.ts';
import { AppError } from '../../core/errors.ts';
import { alterScramUser, planScram } from '../../ops/kafka/access/alter-scram-user.ts';
import { kafkaAdministrationOptions } from '../change/administration-options.ts';
import { passwordFileOption, passwordIn } from '../change/password-file.ts';
import { changeKafka } from '../kafka/change-kafka.ts';
import { choice, defineCommand, flag, option, wholeNumber } from '../command.ts';

/** Default of Kafka's tool; brokers accept 4,096 to 16,384. */
const defaultIterations = 8192;

export const opsKafkaAlterScramUserCommand = defineCommand({
  options: {
    ...kafkaAdministrationOptions,
    user: option('NAME', 'the user', z.string().min(1)),
    mechanism: option(
      'NAME',
      `${scramMechanisms.join(' or ')} (default SCRAM-SHA-512)`,
      choice(scramMechanisms).default('SCRAM-SHA-512'),
    ),
    'password-file': passwordFileOption,
    iterations: option(
      'N',
      `iterations of the hash (default ${defaultIterations})`,
      wholeNumber(4096, 16_384).default(defaultIterations),
    ),
    remove: flag('delete the password: the user can no longer log in with this mechanism'),
  },
  examples: [
    'plimsoll ops kafka alter-scram-user --cluster orders --user billing --password-file billing.secret',
    'plimsoll ops kafka alter-scram-user --cluster orders --user billing --password-file billing.secret --execute',
    'plimsoll ops kafka alter-scram-user --cluster orders --user billing --remove --execute',
  ],

  async run(io) {
    const { user, mechanism, iterations, remove, abort, 'password-file': file } = io.options;
    if (!abort && (file === undefined) !== remove) {
      throw new AppError('usage', 'give one of --password-file FILE and --remove');
    }
    // A rollback needs no password, and its file may be deleted by then.
    const password = await passwordIn(abort ? undefined : file, io);
    return changeKafka(io, (tools) => ({
      kind: alterScramUser(password),
      subject: user,
      plan: (within) => planScram(tools, { user, mechanism, ...(!remove && { iterations }) }, within),
    }));
  },
});
