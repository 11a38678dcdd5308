// Which number did an option give?

import { AppError } from '../core/errors.ts';
import type { CommandIo } from './command.ts';

/** @returns undefined when the option was left away. @throws AppError usage */
export function numberOption(options: CommandIo['options'], name: string): number | undefined {
  const text = options[name];
  return typeof text === 'string' ? parseNumber(text, name) : undefined;
}

/** `1000,2000`. @throws AppError usage */
export function numbersOption(options: CommandIo['options'], name: string): number[] | undefined {
  const text = options[name];
  return typeof text === 'string' ? text.split(',').map((part) => parseNumber(part, name)) : undefined;
}

function parseNumber(text: string, name: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new AppError('usage', `--${name}: ${JSON.stringify(text)} is not a number`);
}
