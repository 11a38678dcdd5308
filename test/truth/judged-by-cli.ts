// Analyzes a bundle with the command and returns its JSON.

import { execFile } from 'node:child_process';
import { Analysis } from '../../core/documents/analysis.ts';
import { main } from '../support/plimsoll.ts';

export interface Answer {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export function runCli(...words: string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

/** @throws Error with the output of the command if it returned no analysis */
export async function judge(directory: string): Promise<Analysis> {
  const { stdout, stderr } = await runCli('analyze', directory, '--json');
  if (stdout === '' || stderr !== '') throw new Error(`plimsoll analyze ${directory} printed: ${stderr}`);
  return Analysis.parse(JSON.parse(stdout));
}
