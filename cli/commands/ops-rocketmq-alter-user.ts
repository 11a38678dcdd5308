// Declares `plimsoll ops rocketmq alter-user`.

import { z } from 'zod';
import { userTypes } from '../../brokers/rocketmq/protocol/access-requests.ts';
import { AppError } from '../../core/errors.ts';
import { alterRocketmqUser, planRocketmqUser } from '../../ops/rocketmq/access/alter-user.ts';
import { goneOption, rocketmqAdministrationOptions } from '../change/administration-options.ts';
import { passwordFileOption, passwordIn } from '../change/password-file.ts';
import { changeRocketmq } from '../rocketmq/change-rocketmq.ts';
import { choice, defineCommand, flag, option } from '../command.ts';

export const opsRocketmqAlterUserCommand = defineCommand({
  options: {
    ...rocketmqAdministrationOptions,
    ...goneOption,
    user: option('NAME', 'the user; created where a broker does not have it', z.string().min(1)),
    'password-file': passwordFileOption,
    type: option('NAME', `${userTypes.join(' or ')}; a super user may do everything`, choice(userTypes).optional()),
    enable: flag('let the user log in'),
    disable: flag('refuse the user'),
    remove: flag('delete the user'),
  },
  examples: [
    'plimsoll ops rocketmq alter-user --cluster orders --user billing --password-file billing.secret',
    'plimsoll ops rocketmq alter-user --cluster orders --user billing --disable --execute',
    'plimsoll ops rocketmq alter-user --cluster orders --user billing --remove --execute',
  ],

  async run(io) {
    const { user, type, enable, disable, remove, resume, abort, 'password-file': file } = io.options;
    if (enable && disable) throw new AppError('usage', '--enable and --disable exclude each other');
    const isChanged = file !== undefined || type !== undefined || enable || disable;
    if (remove === isChanged && !resume && !abort) {
      throw new AppError('usage', 'give --remove, or what changes: --password-file, --type, --enable, --disable');
    }
    const spec = {
      user,
      isRemoved: remove,
      isPasswordSet: file !== undefined,
      ...(type !== undefined && { type }),
      ...((enable || disable) && { isEnabled: enable }),
    };
    // A rollback needs no password, and its file may be deleted by then.
    const password = await passwordIn(abort ? undefined : file, io);
    return changeRocketmq(io, (tools) => ({
      kind: alterRocketmqUser(password),
      subject: user,
      plan: (within) => planRocketmqUser(tools, spec, within),
    }));
  },
});
