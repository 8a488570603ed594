package wire

import "strings"

// ValidDeviceID reports whether s is ten characters of A-Z and 0-9.
func ValidDeviceID(s string) bool {
	return len(s) == deviceIDSize && only(s, func(c byte) bool { return c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' })
}

// ValidUserID reports whether s is @<localpart>:<server_name> in the letters that Matrix allows. A bar or a control
// character in a user id would let it pass for something else where ids are joined (attack K3).
func ValidUserID(s string) bool {
	local, server, ok := strings.Cut(strings.TrimPrefix(s, "@"), ":")
	return ok && len(s) <= maxUserID && s[0] == '@' && len(local) >= 1 && len(local) <= maxLocalpart &&
		only(local, func(c byte) bool { return lowerOrDigit(c) || strings.IndexByte("._=/+-", c) >= 0 }) && ValidServerName(server)
}

// ValidServerName reports whether s is a host name, an IPv4 or a bracketed IPv6 address, with a port or without.
func ValidServerName(s string) bool {
	if len(s) > maxUserID {
		return false
	}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		address, port, ok := strings.Cut(inner, "]")
		return ok && address != "" && only(address, ipv6Char) && (port == "" || port[0] == ':' && validPort(port[1:]))
	}
	host, port, ok := strings.Cut(s, ":")
	return host != "" && only(host, hostChar) && (!ok || validPort(port))
}

func validPort(s string) bool {
	return len(s) >= 1 && len(s) <= 5 && only(s, func(c byte) bool { return c >= '0' && c <= '9' })
}

func hostChar(c byte) bool { return lowerOrDigit(c) || c >= 'A' && c <= 'Z' || c == '.' || c == '-' }

func ipv6Char(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' || c == ':' || c == '.'
}

// ValidSlug reports whether s names a room: 3 to 64 of a-z, 0-9 and "-".
func ValidSlug(s string) bool {
	return len(s) >= 3 && len(s) <= 64 && only(s, func(c byte) bool { return lowerOrDigit(c) || c == '-' })
}

func validRoomID(s string) bool {
	slug, server, ok := strings.Cut(strings.TrimPrefix(s, "!"), ":")
	return ok && s[0] == '!' && ValidSlug(slug) && ValidServerName(server)
}

func lowerOrDigit(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

func visible(c byte) bool { return c > ' ' && c < 0x7f }

func letterOrDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func base64Char(c byte) bool {
	return lowerOrDigit(c) || c >= 'A' && c <= 'Z' || c == '+' || c == '/' || c == '='
}

func only(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}
