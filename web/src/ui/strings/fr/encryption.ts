/** What the encryption of the room and of each person is. */
import type { encryption as en } from '../en/encryption.ts';
import type { In } from '../text.ts';

export const encryption: In<typeof en> = {
  'state.new': 'Chiffré, non vérifié',
  'state.new.hint': 'Comparez des émojis pour vous assurer que personne ne s’interpose.',
  'state.known': 'Rencontré dans une réunion précédente',
  'state.known.hint': 'Les mêmes clés que la dernière fois. Non vérifié.',
  'state.verified': 'Vérifié',
  'state.verified.hint': 'Vous avez comparé vos clés ensemble.',
  'state.changed_key': 'Clés différentes d’avant',
  'state.changed_key.hint':
    'Le nom ou l’adresse d’une personne que vous connaissez, avec d’autres clés : un nouvel appareil, ou quelqu’un d’autre. Vérifiez avant de lui faire confiance.',
  'state.outside_key': 'Clé fixée par cette page',
  'state.outside_key.hint':
    'Le programme autour de cette réunion a choisi la clé. Grotto ne peut pas dire qui d’autre la possède.',
  'state.blocked': 'Vous l’avez bloqué',
  'state.blocked.hint': 'Rien ne lui est envoyé, et rien de sa part n’est montré.',
  'state.waiting_for_key': 'En attente de la clé',
  'state.waiting_for_key.hint': 'La clé est en route.',
  'state.cannot_decrypt': 'Impossible à déchiffrer',
  'state.cannot_decrypt.hint':
    'Sa clé a été redemandée. Si cela persiste, l’un de vous doit quitter la réunion et revenir.',
  'state.wrong_secret': 'Entré avec un autre lien',
  'state.wrong_secret.hint':
    'Rien de sa part ne peut être déchiffré, et rien de vous ne lui parvient. Envoyez-lui le bon lien.',
  'state.refused': 'Clés refusées',
  'state.refused.hint':
    'Les clés annoncées ne sont pas valables : rien n’est envoyé à cette personne, et rien de sa part n’est restitué. Elle peut essayer d’entrer à nouveau.',
  'state.no_transform': 'Votre son et votre image ne partent pas',
  'state.no_transform.hint':
    'Le chiffrement n’a pas pu démarrer : ce navigateur n’a pas ce qu’il faut pour les sceller.',
  'state.engine_failed': 'Votre son et votre image ne partent pas',
  'state.engine_failed.hint': 'Le chiffrement ne fonctionne pas dans cet onglet. Rechargez la page pour réessayer.',
  'state.self': 'Vous',

  'encryption.label': 'Chiffrement',
  'encryption.ok': 'Chiffré de bout en bout',
  'encryption.attention.one': 'Chiffré, une personne à vérifier',
  'encryption.attention.other': 'Chiffré, {count} personnes à vérifier',
  'encryption.roster_differs': 'Certains voient une autre liste de participants',
  'encryption.silent': 'Certains ne confirment pas qui est là',
  'encryption.changed_key': 'Quelqu’un a d’autres clés qu’avant',
  'encryption.outside_key': 'Chiffré avec une clé fixée par cette page',
  'encryption.wrong_secret_all': 'Personne ici n’a votre secret',
  'encryption.broken': 'Votre son et votre image ne partent pas',
  'encryption.title': 'Chiffrement',
  'encryption.sentence.ok':
    'Tout ce que vous envoyez est scellé dans ce navigateur, et seules les personnes que vous voyez ici ont les clés.',
  'encryption.sentence.attention':
    'Ce que vous envoyez est scellé, mais certaines personnes ici ne peuvent pas être déchiffrées. Leur vignette dit pourquoi.',
  'encryption.sentence.roster_differs':
    'Quelqu’un ici se voit annoncer d’autres participants que vous. Le serveur cache peut-être quelqu’un. Dites à voix haute qui est là, et comparez le code de la réunion.',
  'encryption.sentence.silent':
    'Depuis une demi-minute, quelqu’un ici ne confirme pas qui il voit. Sa connexion est peut-être coupée, ou le serveur la retient.',
  'encryption.sentence.broken':
    'Le chiffrement ne fonctionne pas dans cet onglet : rien de ce que vous dites ou montrez n’en sort. Rechargez la page pour réessayer.',
  'encryption.sentence.changed_key':
    'Quelqu’un ici porte le nom ou l’adresse d’une personne que vous connaissez, avec d’autres clés. C’est peut-être un nouvel appareil, ou quelqu’un d’autre. Vérifiez avant de croire ce qui est dit.',
  'encryption.sentence.outside_key':
    'Ce que vous envoyez est scellé avec une clé fixée par le programme autour de cette réunion. Elle n’est secrète que si ce programme la garde bien ; il n’y a personne à vérifier.',
  'encryption.sentence.wrong_secret_all':
    'Personne ici n’a le même secret. Vérifiez les mots, ou redemandez le lien. Rien de vous ne leur parvient, et rien de leur part ne peut être déchiffré.',
  'encryption.link': 'Le lien a été changé',
  'encryption.link.us': 'Vous avez changé le lien de cette réunion. L’ancien n’ouvre plus rien.',
  'encryption.link.them': '{name} a changé le lien de cette réunion. L’ancien n’ouvre plus rien.',
  'encryption.link.copy': 'Copier le nouveau lien',
  'encryption.verify': 'Vérifier des personnes',
  'encryption.protects': 'Ce qui vous protège',
  'encryption.protects.text':
    'Son, image, écrans, noms et chat sont scellés ici avec des clés créées pour cet appel. Le serveur les transmet sans les ouvrir, et de nouvelles clés sont créées dès que quelqu’un part.',
  'encryption.not': 'Ce que cela ne fait pas',
  'encryption.not.text':
    'Le serveur voit tout de même qui est connecté, d’où, quand et avec quel débit. Toute personne qui a le lien peut entrer. Et cette page elle-même vient du serveur.',
  'encryption.people': 'Personnes à vérifier',
  'encryption.code': 'Code de la réunion',
  'encryption.code.text':
    'Lisez-le à voix haute. Ceux qui ont les mêmes chiffres voient les mêmes personnes avec les mêmes clés. Il change quand quelqu’un arrive ou part.',
  'encryption.code.show': 'Montrer le code',
  'encryption.code.busy': 'Calcul du code',
  'encryption.code.failed': 'Le code n’a pas pu être calculé. Réessayez une fois connecté.',
};
