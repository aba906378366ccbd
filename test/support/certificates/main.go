// Makes certificates for tests into the folder that is named: an authority (ca), what it signed for a server on 127.0.0.1 named
// temporal.test (server) and for a client (client), a client whose days are over (expired), and an authority that nobody trusts with a client of its own (other, stranger).
// Go's own library, because the tests have Go and may have no openssl.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

type pair struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

var folder = os.Args[1]
var serial int64

func main() {
	now := time.Now()
	ca := issue("ca", nil, now, authority)
	issue("server", &ca, now, func(c *x509.Certificate) {
		c.DNSNames = []string{"temporal.test"}
		c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	})
	issue("client", &ca, now, client)
	issue("expired", &ca, now.AddDate(-2, 0, 0), client)
	other := issue("other", nil, now, authority)
	issue("stranger", &other, now, client)
}

func authority(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
}

func client(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }

// Valid for a year from an hour before `from`. Without a signer it signs itself.
func issue(name string, signer *pair, from time.Time, adjust func(*x509.Certificate)) pair {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	serial++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      pkix.Name{CommonName: "duban test " + name},
		NotBefore:    from.Add(-time.Hour),
		NotAfter:     from.AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	adjust(template)
	own := pair{template, key}
	if signer == nil {
		signer = &own
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer.certificate, &key.PublicKey, signer.key)
	check(err)
	parsed, err := x509.ParseCertificate(der)
	check(err)
	der8, err := x509.MarshalPKCS8PrivateKey(key)
	check(err)
	write(name+".pem", "CERTIFICATE", der)
	write(name+".key", "PRIVATE KEY", der8)
	return pair{parsed, key}
}

func write(name, kind string, der []byte) {
	check(os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
