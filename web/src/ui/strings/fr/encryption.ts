/** What the encryption of the room and of each person is. */
import type { encryption as en } from '../en/encryption.ts';
import type { In } from '../text.ts';

export const encryption: In<typeof en> = {
  'state.new': 'Chiffré, non vérifié',
  'state.new.hint': 'Comparez des émojis pour être sûr que personne n’est entre vous.',
  'state.known': 'Connu d’une réunion précédente',
  'state.known.hint': 'Les mêmes clés qu’alors. Non vérifié.',
  'state.verified': 'Vérifié',
  'state.verified.hint': 'Vous avez tous deux comparé vos clés.',
  'state.changed_key': 'Pas les clés que vous connaissez',
  'state.changed_key.hint':
    'Le nom ou l’adresse d’une personne que vous connaissez, avec d’autres clés : un nouvel appareil, ou quelqu’un d’autre. Vérifiez avant de faire confiance.',
  'state.outside_key': 'Clé fixée par cette page',
  'state.outside_key.hint':
    'Le programme autour de cette réunion a choisi la clé. Grotto ne peut dire qui d’autre l’a.',
  'state.blocked': 'Bloqué par vous',
  'state.blocked.hint': 'Rien ne lui est envoyé, et rien de sa part n’est montré.',
  'state.waiting_for_key': 'En attente de la clé',
  'state.waiting_for_key.hint': 'La clé est en route.',
  'state.cannot_decrypt': 'Impossible à déchiffrer',
  'state.cannot_decrypt.hint': 'Sa clé a été redemandée. Si cela dure, que l’un de vous quitte la réunion et revienne.',
  'state.wrong_secret': 'Entré avec un autre lien',
  'state.wrong_secret.hint': 'Rien de sa part ne s’ouvre, et rien de vous ne lui parvient. Envoyez-lui le bon lien.',
  'state.refused': 'Clés refusées',
  'state.refused.hint':
    'Ce qui a été annoncé n’est pas valable : rien ne lui est envoyé et rien de sa part n’est joué. Un nouvel essai d’entrer peut aider.',
  'state.no_transform': 'Votre son et votre image ne partent pas',
  'state.no_transform.hint': 'Le chiffrement n’a pas pu commencer : il manque à ce navigateur de quoi les sceller.',
  'state.engine_failed': 'Votre son et votre image ne partent pas',
  'state.engine_failed.hint': 'Le chiffrement ne marche pas dans cet onglet. Rechargez la page pour réessayer.',
  'state.self': 'Vous',

  'encryption.label': 'Chiffrement',
  'encryption.ok': 'Chiffré de bout en bout',
  'encryption.attention.one': 'Chiffré, une personne à vérifier',
  'encryption.attention.other': 'Chiffré, {count} personnes à vérifier',
  'encryption.roster_differs': 'Certains voient une autre liste de personnes',
  'encryption.silent': 'Certains ne confirment pas qui est là',
  'encryption.changed_key': 'Quelqu’un a d’autres clés qu’avant',
  'encryption.outside_key': 'Chiffré avec une clé fixée par cette page',
  'encryption.wrong_secret_all': 'Personne ici n’a votre secret',
  'encryption.broken': 'Votre son et votre image ne partent pas',
  'encryption.title': 'Chiffrement',
  'encryption.sentence.ok':
    'Tout ce que vous envoyez est scellé dans ce navigateur, et seules les personnes que vous voyez ici ont les clés.',
  'encryption.sentence.attention':
    'Ce que vous envoyez est scellé, mais tout le monde ici ne peut être lu. Leur vignette dit pourquoi.',
  'encryption.sentence.roster_differs':
    'On annonce à quelqu’un ici d’autres personnes qu’à vous. Le serveur cache peut-être quelqu’un. Dites à voix haute qui est là, et comparez le code de la réunion.',
  'encryption.sentence.silent':
    'Quelqu’un ici n’a pas dit depuis une demi-minute qui il voit. Sa connexion est peut-être perdue, ou le serveur la retient.',
  'encryption.sentence.broken':
    'Le chiffrement ne marche pas dans cet onglet, donc rien de vous n’en sort. Rechargez la page pour réessayer.',
  'encryption.sentence.changed_key':
    'Quelqu’un ici porte le nom ou l’adresse d’une personne que vous connaissez, avec d’autres clés. C’est peut-être un nouvel appareil, ou quelqu’un d’autre. Vérifiez avant de croire ce qui est dit.',
  'encryption.sentence.outside_key':
    'Ce que vous envoyez est scellé avec une clé fixée par le programme autour de cette réunion. Elle est aussi secrète que ce programme la garde ; il n’y a personne à vérifier.',
  'encryption.sentence.wrong_secret_all':
    'Personne ici n’a le même secret. Vérifiez les mots, ou redemandez le lien. Rien de vous ne leur parvient, et rien d’eux ne s’ouvre.',
  'encryption.link': 'Le lien a été changé',
  'encryption.link.us': 'Vous avez changé le lien de cette réunion. L’ancien n’ouvre plus rien.',
  'encryption.link.them': '{name} a changé le lien de cette réunion. L’ancien n’ouvre plus rien.',
  'encryption.link.copy': 'Copier le nouveau lien',
  'encryption.verify': 'Vérifier des personnes',
  'encryption.protects': 'Ce qui vous protège',
  'encryption.protects.text':
    'Son, image, écrans, noms et chat sont scellés ici avec des clés faites pour cet appel. Le serveur les transmet sans les ouvrir, et de nouvelles clés sont faites dès que quelqu’un part.',
  'encryption.not': 'Ce que cela ne fait pas',
  'encryption.not.text':
    'Le serveur voit tout de même qui est connecté, d’où, quand et combien. Quiconque a le lien peut entrer. Et cette page elle-même est venue du serveur.',
  'encryption.people': 'Personnes à vérifier',
  'encryption.code': 'Code de la réunion',
  'encryption.code.text':
    'Lisez-le-vous l’un à l’autre. Qui a les mêmes chiffres voit les mêmes personnes avec les mêmes clés. Il change quand quelqu’un arrive ou part.',
  'encryption.code.show': 'Montrer le code',
  'encryption.code.busy': 'Calcul du code',
  'encryption.code.failed': 'Le code n’a pas pu être calculé. Réessayez une fois connecté.',
};
