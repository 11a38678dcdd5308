// Loads npm packages that only some installations need: native code, or the libraries of one cloud.

import { createRequire } from 'node:module';
import { AppError } from './errors.ts';

/** Tested versions. */
const versions = {
  kerberos: '7.0.0',
  'aws-msk-iam-sasl-signer-js': '1.0.3',
  '@aws-sdk/client-cloudwatch': '3.1164.0',
} as const;

const load = createRequire(import.meta.url);

/**
 * @param purpose feature that needs it, such as `SASL GSSAPI (Kerberos)`
 * @param isUsable guards against another package of this name
 * @throws AppError prerequisite-missing
 */
export function loadOptionalPackage<T>(
  name: keyof typeof versions,
  purpose: string,
  isUsable: (module: unknown) => module is T,
): T {
  const wanted = `${name}@${versions[name]}`;
  let module: unknown;
  try {
    module = load(name);
  } catch (cause) {
    const isAbsent = (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    const why = isAbsent ? 'is not installed' : `cannot be loaded: ${(cause as Error).message.split('\n')[0]}`;
    throw new AppError('prerequisite-missing', `${purpose} needs the npm package ${wanted}, which ${why}`, {
      hint: `run \`npm install ${wanted}\` in a folder, and start Plimsoll with NODE_PATH set to its node_modules`,
      cause,
    });
  }
  if (isUsable(module)) return module;
  throw new AppError(
    'prerequisite-missing',
    `${purpose} needs ${wanted}; the package ${name} that was found is another one`,
  );
}
