// Implements `plimsoll ops rocketmq name-servers`: adds or removes a name server without partial routes.

import { addressLike } from '../../brokers/address.ts';
import { AppError } from '../../core/errors.ts';
import { nameServers } from '../../ops/rocketmq/name-servers/name-servers.ts';
import { planNameServers, type NameServersSpec } from '../../ops/rocketmq/name-servers/plan-name-servers.ts';
import { type CommandIo, defineCommand, text } from '../command.ts';
import { changeOptions, runChange } from '../rocketmq/run-change.ts';

export const opsRocketmqNameServersCommand = defineCommand({
  options: {
    ...changeOptions,
    add: text('HOST:PORT', 'name server to add'),
    remove: text('HOST:PORT', 'name server to remove'),
    replace: text('OLD=NEW', 'name server to replace; give the same address twice if only its machine is replaced'),
  },
  examples: [
    'plimsoll ops rocketmq name-servers --cluster orders --add 10.0.0.7:9876',
    'plimsoll ops rocketmq name-servers --cluster orders --replace 10.0.0.5:9876=10.0.0.7:9876 --execute --confirm DefaultCluster --wait 1h',
  ],

  async run(io) {
    const spec = specOf(io.options);
    return runChange(io, {
      kind: nameServers,
      subject: [spec.remove, spec.add].filter((each) => each !== undefined).join(' to '),
      movingServers: [spec.remove, spec.add].filter((each) => each !== undefined),
      plan: (desk, within) => planNameServers(desk, spec, within),
    });
  },
});

/** @throws AppError usage */
function specOf(options: CommandIo['options']): NameServersSpec {
  const given = (['add', 'remove', 'replace'] as const).filter((name) => options[name] !== undefined);
  const [name, another] = given;
  if (name === undefined || another !== undefined) {
    throw new AppError('usage', 'give one of --add, --remove and --replace: name servers change one at a time');
  }
  const text = String(options[name]);
  if (name !== 'replace') return { [name]: checked(text, name) };
  const [remove = '', add = '', more] = text.split('=');
  if (more !== undefined) throw new AppError('usage', `--replace: ${text} is not OLD=NEW`);
  return { remove: checked(remove, name), add: checked(add, name) };
}

const Address = addressLike('10.0.0.7:9876');

function checked(text: string, option: string): string {
  const parsed = Address.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new AppError(
    'usage',
    `--${option}: ${JSON.stringify(text)}: ${parsed.error.issues[0]?.message ?? 'no address'}`,
  );
}
