// Reads secrets from a file or the environment, as named in config; the text is only available on explicit request.

import { lstatSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError, orFault } from './errors.ts';

const pattern = /^\$\{(file|env):([^}]+)\}$/;

export class SecretReference {
  readonly #source: 'file' | 'env';
  readonly #name: string;

  constructor(source: 'file' | 'env', name: string) {
    this.#source = source;
    this.#name = name;
  }

  /** Reads the secret each time, so that rotation takes effect. @throws AppError secret-unreadable */
  reveal(environment: NodeJS.ProcessEnv = process.env): string {
    if (this.#source === 'env') {
      const value = environment[this.#name];
      if (value === undefined) throw new AppError('secret-unreadable', `environment variable ${this.#name} is not set`);
      return this.#notEmpty(value, 'environment variable');
    }
    const read = () => {
      // Opening it would block the whole process until it has a writer.
      if (lstatSync(this.#name).isFIFO()) throw new Error('it is a named pipe');
      return readFileSync(this.#name, 'utf8').trimEnd();
    };
    const content = orFault(read, 'secret-unreadable', `cannot read the secret file ${this.#name}`);
    return this.#notEmpty(content, 'secret file');
  }

  /** Rejects an empty secret, which a broker would report as a wrong password. */
  #notEmpty(value: string, what: string): string {
    if (value === '') throw new AppError('secret-unreadable', `${what} ${this.#name} is empty`);
    return value;
  }

  toString(): string {
    return `\${${this.#source}:${this.#name}}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

export const secretDescription = 'a secret by reference: ${file:/path} or ${env:NAME}';

export const Secret = z
  .string()
  .transform((text, context) => {
    const [, source, name] = pattern.exec(text) ?? [];
    if (name !== undefined) return new SecretReference(source as 'file' | 'env', name);
    context.addIssue({ code: 'custom', message: 'secrets are not allowed here; use ${file:/path} or ${env:NAME}' });
    return z.NEVER;
  })
  .meta({ description: secretDescription, examples: ['${env:KAFKA_PASSWORD}'] });
