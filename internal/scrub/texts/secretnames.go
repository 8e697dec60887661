package texts

// The lists of this file say which names are those of secrets. A name is
// compared in its normal form: lower case, words joined by blanks. A list
// writes two words that belong together with an underscore between them.

// secretWords make a name secret if they are one of its words, such as
// DB_PASSWORD.
var secretWords = wordSet(`
	password passwords passwd passwds pwd passphrase passcode pw psw secret secrets apikey apikeys
	apisecret apitoken privatekey secretkey accesskey sshkey signingkey encryptionkey authkey
	accountkey sharedaccesskey sharedaccesssignature credential credentials creds accesstoken
	authtoken refreshtoken idtoken bearertoken sessiontoken stripetoken securitytoken usertoken
	bottoken authenticitytoken csrftoken xsrftoken csrfmiddlewaretoken mnemonic
	sessionid sessid phpsessid jsessionid aspxauth sessionkey cardnumber creditcard ccnumber cardno
	cvv cvc cvv2 ssn otp twofactor
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
	recovery_code recovery_phrase seed_phrase verification_code two_factor
`)

// keyKinds are the words that make a name secret if "key" follows them. There
// are many other keys: a public key, a primary key, a cache key.
var keyKinds = wordSet(`
	api access private secret encryption signing account master auth session service ssh storage shared
	consumer admin app sentry license deploy hmac aes rsa subscription priv decryption client write
`)

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
