// Declares the option that selects the language of an output.

import { findingLanguages } from '../core/documents/findings/finding-entry.ts';
import { choice, option } from './command.ts';

export const languageOption = (of: string) =>
  option('en|zh', `language of ${of} (default en)`, choice(findingLanguages).default('en'));
