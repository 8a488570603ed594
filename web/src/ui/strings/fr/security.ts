/** The panel on security: whose keys are how, and which page this is. The rest of its words is in `encryption`. */
import type { security as en } from '../en/security.ts';
import type { In } from '../text.ts';

export const security: In<typeof en> = {
  'security.here': 'Qui est là',
  'security.blocked': 'Bloqués lors de réunions précédentes',
  'security.page': 'De quelle page il s’agit',
  'security.page.text':
    'Tous ceux qui ont reçu la même page voient la même empreinte. Comparez-la par un autre moyen que cette page : un serveur qui change la page pourrait aussi changer cette ligne.',
  'security.page.version': 'Version du serveur : {version}',
  'security.page.older': 'Le serveur a une autre page à présent. Rechargez quand cela vous convient.',
  'security.page.differs': 'Ce que le serveur dit de sa page ne concorde pas. Dites-le à la personne qui le gère.',
  'security.page.failed': 'Le serveur n’a pas dit quelle page il fournit.',
};
