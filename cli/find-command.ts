// Finds the command that the arguments name.

import { parseArgs } from 'node:util';
import { AppError } from '../core/errors.ts';
import { nearest } from '../core/text/nearest.ts';
import { globalOptions } from './help.ts';

type Request =
  | { kind: 'command'; name: string; rest: readonly string[] }
  | { kind: 'help'; group?: string }
  | { kind: 'version' }
  | { kind: 'nothing' };

/**
 * Finds the command at the start of the arguments: one word such as `analyze`, or several such as `lab up`.
 *
 * @param former names that are accepted but not suggested
 * @throws AppError usage
 */
export function findCommand(
  args: readonly string[],
  names: readonly string[],
  former: readonly string[] = [],
): Request {
  const understood = [...names, ...former];
  const { tokens, values } = parseArgs({
    args: [...args],
    options: { ...globalOptions, version: { type: 'boolean' } },
    strict: false,
    tokens: true,
  });
  const typed = tokens.filter((token) => token.kind === 'positional');
  const asksHelp = typed[0]?.value === 'help';
  const given = asksHelp ? typed.slice(1) : typed;
  const [first, second] = given;
  const without = (...indices: number[]) => [
    ...args.filter((_, index) => !indices.includes(index)),
    ...(asksHelp ? ['--help'] : []),
  ];
  const helpIndices = asksHelp && typed[0] !== undefined ? [typed[0].index] : [];

  if (first === undefined) {
    if (asksHelp || values['help'] === true) return { kind: 'help' };
    if (values['version'] === true) return { kind: 'version' };
    refuseUnknownOption(args, 'plimsoll --help');
    return { kind: 'nothing' };
  }
  const words = [3, 2, 1]
    .map((length) => given.slice(0, length))
    .find((tried) => understood.includes(tried.map(({ value }) => value).join(' ')));
  if (words !== undefined) {
    return {
      kind: 'command',
      name: words.map(({ value }) => value).join(' '),
      rest: without(...helpIndices, ...words.map(({ index }) => index)),
    };
  }
  const isGroup = (name: string) => understood.some((each) => each.startsWith(`${name} `));
  const pair = second === undefined ? undefined : `${first.value} ${second.value}`;
  const group = pair !== undefined && given.length === 2 && isGroup(pair) ? pair : first.value;
  if (isGroup(group) && (second === undefined || group === pair)) {
    refuseUnknownOption(args, `plimsoll ${group} --help`);
    return { kind: 'help', group };
  }
  const requestedName = isGroup(first.value)
    ? given
        .slice(0, pair !== undefined && isGroup(pair) ? 3 : 2)
        .map(({ value }) => value)
        .join(' ')
    : first.value;
  // Within a known group its commands are the candidates: others only resemble the group name.
  const owner = pair !== undefined && isGroup(pair) ? pair : first.value;
  const members = names.filter((name) => name.startsWith(`${owner} `));
  const help = members.length > 0 ? `${owner} --help` : '--help';
  const lister = `\`plimsoll ${help}\` lists the commands`;
  const meant =
    members.length > 0
      ? nearestMember(requestedName, owner, members)
      : (nearest(requestedName, names) ??
        nearest(
          requestedName,
          names.map((name) => name.split(' ')[0] ?? name),
        ));
  throw new AppError('usage', `there is no command \`${requestedName}\``, {
    hint: meant === undefined ? lister : `did you mean \`plimsoll ${meant}\`? ${lister}`,
  });
}

/** Compares without the group name, which would increase the similarity. */
function nearestMember(requestedName: string, owner: string, members: readonly string[]): string | undefined {
  const own = nearest(
    requestedName.slice(owner.length + 1),
    members.map((name) => name.slice(owner.length + 1)),
  );
  return own === undefined ? undefined : `${owner} ${own}`;
}

/** Without a command, only global options are known. */
function refuseUnknownOption(args: readonly string[], help: string): void {
  const unknown = args.find((word) => word.startsWith('-') && !/^(-h|--help|--log-level(=.*)?)$/.test(word));
  if (unknown !== undefined) throw new AppError('usage', `unknown option ${unknown}`, { hint: `see \`${help}\`` });
}
