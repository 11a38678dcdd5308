// Prints a page to a tagged PDF with a local Chromium, without network requests.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '../../core/errors.ts';

/** Names in Debian, Fedora and Google's packages. */
const names = ['chromium', 'chromium-browser', 'google-chrome'];
/** A report of a hundred pages takes three seconds. */
const mostMilliseconds = 60_000;

/** @throws AppError prerequisite-missing, run-failed */
export async function printPdf(
  page: string,
  { environment, signal }: { environment: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Buffer> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-pdf-'));
  const [from, to] = [join(folder.path, 'report.html'), join(folder.path, 'report.pdf')];
  await writeFile(from, page);
  const args = [
    '--headless',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--host-resolver-rules=MAP * ~NOTFOUND',
    `--user-data-dir=${join(folder.path, 'profile')}`,
    '--generate-pdf-document-outline',
    '--no-pdf-header-footer',
    `--print-to-pdf=${to}`,
    // Chromium cannot run as root inside its sandbox; the page contains no script.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    pathToFileURL(from).href,
  ];
  const browser = environment['PLIMSOLL_CHROMIUM'];
  for (const name of browser === undefined ? names : [browser]) {
    if (await didRun(name, args, AbortSignal.any([signal, AbortSignal.timeout(mostMilliseconds)]))) {
      return await readFile(to).catch((cause: unknown) => {
        throw new AppError('run-failed', `${name} printed no PDF`, {
          cause,
          hint: '--format html writes the same report as a page, which a browser can print',
        });
      });
    }
  }
  throw new AppError('prerequisite-missing', 'a PDF needs Chromium, and none was found', {
    hint: 'apt-get install chromium, or name one in PLIMSOLL_CHROMIUM; the page of --format html is laid out for A4 as well',
  });
}

/** @returns false if there is no such program */
async function didRun(name: string, args: readonly string[], signal: AbortSignal): Promise<boolean> {
  const child = spawn(name, args, { stdio: 'ignore', signal });
  try {
    await once(child, 'close');
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw cause;
  }
}
