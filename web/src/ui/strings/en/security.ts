/** The panel on security: whose keys are how, and which page this is. The rest of its words is in `encryption`. */
export const security = {
  'security.here': 'Who is here',
  'security.blocked': 'Blocked in earlier meetings',
  'security.page': 'Which page this is',
  'security.page.text':
    'Everybody who was given the same page sees the same fingerprint. Compare it by another way than this page: a server that changes the page could change this line, too.',
  'security.page.version': 'Server version {version}',
  'security.page.older': 'The server has another page by now. Reload when it suits you.',
  'security.page.differs': 'What the server says about its page does not agree. Tell the person who runs it.',
  'security.page.failed': 'The server did not say which page it delivers.',
} as const;
