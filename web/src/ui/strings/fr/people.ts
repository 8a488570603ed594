/** Who is here, and what can be done about somebody; hands and reactions. */
import type { people as en } from '../en/people.ts';
import type { In } from '../text.ts';

export const people: In<typeof en> = {
  'people.title': 'Personnes',
  'people.count.one': 'Une personne',
  'people.count.other': '{count} personnes',
  'people.list': 'Personnes dans la réunion',
  'people.hand': 'Main levée',
  'people.hand.place': 'Main levée, numéro {place}',
  'people.mic_on': 'Micro activé',
  'people.camera_on': 'Caméra activée',
  'people.actions': 'Actions pour {name}',
  'people.actions.none': 'Le serveur annonce cette personne, mais elle n’a pas les clés de cette réunion.',

  'people.pin': 'Montrer en grand',
  'people.pin.text': 'Les autres restent à côté. Seulement chez vous : personne n’en est averti.',
  'people.unpin': 'Montrer parmi les autres',
  'people.unpin.text': 'Toutes les images ont de nouveau la même taille.',
  'people.options': 'Volume et connexion',
  'people.options.text': 'À quel volume on l’entend ici, et dans quelle qualité arrivent le son et l’image.',
  'people.verify': 'Vérifier par émojis',
  'people.verify.text': 'Chacun compare sept émojis. Cela montre que personne ne s’interpose.',
  'people.qr': 'Vérifier par code QR',
  'people.qr.text': 'L’un scanne le code sur l’écran de l’autre. Pour des personnes au même endroit.',
  'people.block': 'Bloquer',
  'people.block.text': 'Vous ne lui envoyez rien et n’en recevez rien. Les autres, si.',
  'people.block.title': 'Bloquer {name} ?',
  'people.block.does':
    'Cette personne ne peut plus rien ouvrir de votre part, et rien de la sienne n’est montré ici. Les autres continuent comme avant, et personne n’en est averti.',
  'people.block.kept':
    'Ce navigateur s’en souvient. Annulez-le sous « Cet appareil », à partir de la prochaine réunion.',
  'people.block.guest': 'Comme ce navigateur ne se souvient pas de vous, cela ne vaut que pour cette réunion.',
  'people.block.confirm': 'Bloquer {name}',
  'people.remove': 'Retirer',
  'people.remove.text': 'Hors de la réunion, pour tout le monde. Avec le lien, un retour est possible.',
  'people.remove.title': 'Retirer {name} ?',
  'people.remove.does':
    'Tous les autres créent de nouvelles clés, que cette personne ne reçoit pas : elle ne voit et n’entend plus rien. Elle garde le lien, et peut revenir avec lui.',
  'people.remove.confirm': 'Retirer {name}',
  'people.change': 'Retirer et changer le lien',
  'people.change.text': 'Comme ci-dessus, et le lien actuel n’ouvre plus rien.',
  'people.change.title': 'Retirer {name} et changer le lien ?',
  'people.change.does':
    'Cette personne est retirée, et toutes les autres ici reçoivent un nouveau secret. L’ancien lien n’ouvre alors plus rien, même pour les invités qui ne sont pas encore entrés : envoyez-leur le nouveau. Ce qui a déjà été vu et entendu reste vu et entendu.',
  'people.change.confirm': 'Retirer {name} et changer le lien',
  'people.cancel': 'Annuler',

  'hand.raise': 'Lever la main',
  'hand.raised': '{name} lève la main',
  'reactions.button': 'Réactions',
  'reactions.told': '{name} : {reaction}',
  'reaction.thumbs_up': 'Pouce levé',
  'reaction.clap': 'Applaudissements',
  'reaction.heart': 'Cœur rouge',
  'reaction.joy': 'Larmes de joie',
  'reaction.surprise': 'Surprise',
  'reaction.party': 'Cotillons',
};
