package texts

// The lists of this file say which names are those of secrets. A name is
// compared in its normal form: lower case, words joined by blanks. A list
// writes two words that belong together with an underscore between them.

// secretWords make a name secret if they are one of its words, such as
// DB_PASSWORD. Those of other languages are as drivers, forms and people write them.
var secretWords = wordSet(`
	password passwords passwd passwds pwd passphrase passcode pw psw secret secrets apikey apikeys
	apisecret apitoken privatekey secretkey accesskey sshkey signingkey encryptionkey authkey
	accountkey sharedaccesskey sharedaccesssignature credential credentials creds accesstoken
	authtoken refreshtoken idtoken bearertoken sessiontoken stripetoken securitytoken usertoken
	bottoken authenticitytoken csrftoken xsrftoken csrfmiddlewaretoken mnemonic
	sessionid sessid phpsessid jsessionid aspxauth sessionkey cardnumber creditcard ccnumber cardno
	cvv cvc cvv2 ssn otp twofactor psk imei imsi iccid iban
	passwort kennwort wachtwoord lösenord salasana contraseña contrasenya senha heslo hasło jelszó parola пароль Пароль 密码 密碼 パスワード 비밀번호
`)

// headerWords do the same for the names of headers, whose values have a grammar
// of their own.
var headerWords = wordSet(`
	authorization authorisation cookie cookies setcookie
`)

// perhapsNames are secret as a whole name. Prose uses these words too, so in
// "unexpected token: x" the value must look like a secret as well.
var perhapsNames = wordSet(`
	token tokens session sessions auth sid pass sig jwt csrf xsrf bearer
`)

// authMethods are ways in which somebody proves who they are, as the value of auth.
var authMethods = wordSet(`simple kerberos basic digest bearer ntlm negotiate oauth oauth2 password token anonymous plain`)

// secretPairs are two words that are secret side by side, although each alone
// is not.
var secretPairs = wordSet(`
	card_number card_no card_num cc_number cc_num credit_card card_cvc card_cvv security_code
	session_id session_key session_data sess_id x_auth x_session amz_signature authorization_code
	recovery_code recovery_phrase seed_phrase verification_code two_factor time_code otp_code backup_code device_code
	code_verifier de_passe vat_id vat_number vat_no tax_id tax_number passport_number passport_no national_id
	social_security
`)

// keyKinds are the words that make a name secret if "key" follows them. There
// are many other keys: a public key, a primary key, a cache key. The dup key of MongoDB
// has the values of somebody's row.
var keyKinds = wordSet(`
	api access private secret encryption signing account master auth session service ssh storage shared
	consumer admin app sentry license deploy hmac aes rsa subscription priv decryption client write dup
`)

// grantNames are names in the query of a URL whose value is a grant if it looks like
// a token. Elsewhere, a code is a number, and a ticket is in a tracker.
var grantNames = wordSet(`code ticket key signature hmac invite`)

// phraseNames end the name of a secret that is made of words: it goes on after a blank.
var phraseNames = []string{"mnemonic", "_phrase", "Mnemonic", "Phrase", "MNEMONIC", "_PHRASE"}

// aboutSecrets are last words with which a name describes a secret without
// containing it: password_length, token_type.
var aboutSecrets = wordSet(`
	length len count policy required enabled disabled expired expires expiry min max type age
	timeout ttl present missing at changed updated date valid invalid attempts strength
`)

// secretInside make a word secret that contains them, because no harmless word
// does: dbpassword, mypasswd2.
var secretInside = []string{
	"password", "passwd", "passphrase", "apikey", "stripetoken", "credential", "secretkey", "privatekey",
}

// secretEnds make a word secret that ends with them: clientsecret, dbpwd. They
// do not count inside a word, because of words such as secretary.
var secretEnds = []string{"secret", "pwd", "authtoken", "accesstoken", "sessionid"}
