// Writes rendered files to a folder, and never overwrites edited or foreign files.

import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import type { RenderedFile } from './host-files.ts';
import { isDraftOf, replaceFile } from '../../core/files.ts';

const manifestName = 'rendered.json';
/** A normalised path inside the folder, even if the manifest or the plan was edited by hand. */
const PathInside = z.string().regex(/^(?!\.{1,2}(\/|$))[^/\\\0]+(\/(?!\.{1,2}(\/|$))[^/\\\0]+)*$/);
/** Hashes of the new file and, during the write, also of the replaced one. */
const Hashes = z.union([z.string(), z.array(z.string())]);
/** All rendered files with their SHA-256; files not listed are not ours. */
const Manifest = z.strictObject({ schemaVersion: z.literal(1), files: z.record(PathInside, Hashes) });
type Listed = z.output<typeof Manifest>['files'];

/** @throws AppError render-refused if the folder contains other files, or a file edited since; no-permission */
export async function writeRendered(
  directory: string,
  files: readonly RenderedFile[],
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const outside = files.find(({ path }) => !PathInside.safeParse(path).success);
  if (outside !== undefined) {
    throw new AppError('render-refused', `${JSON.stringify(outside.path)} points outside of ${directory}`, {
      hint: 'names of clusters and hosts in the plan become folders: remove slashes and dots from them',
    });
  }
  const before = await renderedBefore(directory);
  signal.throwIfAborted();
  const now = Object.fromEntries(files.map(({ path, text }) => [path, sha256(text)]));
  const both = Object.entries(now).map(([path, hash]) => [path, [before[path] ?? [], hash].flat()] as const);
  const write = (path: string, text: string) =>
    replaceFile(join(directory, path), (draft) => draft.writeFile(text, { signal }), { mode: 0o666 });
  const list = (listed: Listed) =>
    write(manifestName, `${JSON.stringify({ schemaVersion: 1, files: listed }, undefined, 2)}\n`);
  try {
    // Lists files before writing, so that an interrupted write leaves only listed files.
    await list({ ...before, ...Object.fromEntries(both) });
    for (const path of Object.keys(before))
      if (now[path] === undefined) await rm(join(directory, path), { force: true });
    for (const { path, text } of files) await write(path, text);
    await list(now);
  } catch (cause) {
    signal.throwIfAborted();
    const { code, message } = cause as NodeJS.ErrnoException;
    const fault = code === 'EACCES' || code === 'EPERM' ? 'no-permission' : code === 'ENOSPC' ? 'no-space' : undefined;
    throw new AppError(fault ?? 'render-refused', `cannot write ${directory}: ${message}`, { cause });
  }
}

/** @returns files of the previous rendering */
async function renderedBefore(directory: string): Promise<Listed> {
  const listed = await manifestIn(directory);
  const own = [manifestName, ...Object.keys(listed ?? {})];
  // Ignores drafts left by a killed process.
  const present = (await filesIn(directory)).filter((path) => !own.some((file) => isDraftOf(path, file)));
  if (present.length === 0) return {};
  const foreign = present.find((path) => path !== manifestName && listed?.[path] === undefined);
  if (listed === undefined || foreign !== undefined) {
    throw new AppError('render-refused', `${directory} is not empty: it contains ${foreign ?? present[0]}`);
  }
  for (const [path, hashes] of Object.entries(listed)) {
    if (!present.includes(path)) continue;
    if ([hashes].flat().includes(sha256(await readFile(join(directory, path), 'utf8')))) continue;
    throw new AppError('render-refused', `${join(directory, path)} was edited since it was rendered`, {
      hint: 'save your changes elsewhere, then delete the file, or use an empty folder',
    });
  }
  return listed;
}

async function filesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory, { recursive: true, withFileTypes: true }))
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(directory, '/').length));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    const why = code === 'ENOTDIR' ? 'it is a file' : message;
    throw new AppError('render-refused', `cannot render into ${directory}: ${why}`, { cause });
  }
}

async function manifestIn(directory: string): Promise<Listed | undefined> {
  try {
    return Manifest.parse(JSON.parse(await readFile(join(directory, manifestName), 'utf8'))).files;
  } catch {
    // Absent, or not our manifest.
    return undefined;
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
