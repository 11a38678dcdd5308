// Locates the style sheets that all pages share: colours, sizes and plain elements.

export const sharedStyles: Readonly<Record<'tokens' | 'base', URL>> = {
  tokens: new URL('styles/tokens.css', import.meta.url),
  base: new URL('styles/base.css', import.meta.url),
};
